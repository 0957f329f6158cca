package dev.penstock.gateway.limit;

/// Bounds of what users and addresses may have.
///
/// @param user requests of one user
/// @param address requests from one address
/// @param table names that each of the two tables holds
/// @param heldPerUser polls and streams of one user under way
/// @param heldPerAddress polls and streams from one address under way
/// @param held polls and streams under way in all
public record LimitSettings(
    Rate user, Rate address, int table, int heldPerUser, int heldPerAddress, int held) {}
