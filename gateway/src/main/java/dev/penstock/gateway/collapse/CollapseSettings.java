package dev.penstock.gateway.collapse;

import java.time.Duration;

/// Bounds of what is shared.
///
/// @param window bytes of one answer that are kept for readers behind the fastest one, and up to
///   which a request can still join it
/// @param total bytes that all answers together keep; beyond it nobody joins a started answer and
///   slower readers are cut
/// @param stall how long a reader may take nothing
/// @param alone how long a reader that was cut for being slow has exchanges of its own
public record CollapseSettings(int window, long total, Duration stall, Duration alone) {}
