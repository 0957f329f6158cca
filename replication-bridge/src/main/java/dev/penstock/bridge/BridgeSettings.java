package dev.penstock.bridge;

import dev.penstock.bridge.router.Routing;
import dev.penstock.contracts.Topics;
import java.time.Duration;
import java.util.Map;

/// What a bridge needs to know.
///
/// @param failoverSlot whether standbys are to keep a copy of the slot
/// @param kafka the clients' common configuration, `bootstrap.servers` at least
/// @param replication of the topics that it makes
/// @param instance who this is, for people
/// @param progressEvery how often an idle database's position goes into the log
/// @param canaryEvery how often a canary is sent, zero for never
/// @param snapshotPatience how long a new generation waits for running transactions
/// @param retention of the log
/// @param giveUpAfter failing for so long without any success ends the bridge
record BridgeSettings(
    Database database,
    String slot,
    String publication,
    boolean failoverSlot,
    Map<String, Object> kafka,
    Topics topics,
    short replication,
    String instance,
    Duration progressEvery,
    Duration canaryEvery,
    Duration snapshotPatience,
    Retention.Limits retention,
    Routing routing,
    Duration giveUpAfter,
    WalLimits walLimits) {}
