package dev.penstock.gateway.limit;

/// Of requests.
///
/// @param perSecond on the long run
/// @param burst at once after a rest
public record Rate(double perSecond, int burst) {}
