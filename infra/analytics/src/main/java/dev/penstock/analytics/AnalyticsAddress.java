package dev.penstock.analytics;

/// Where the page and the reports are served.
///
/// @param port the one that was taken where 0 was asked for
public record AnalyticsAddress(String host, int port) {}
