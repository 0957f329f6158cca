/// Commands over the archive, the keyed topics: replay it, and erase from it.
///
/// A replay takes every change between two positions once, in commit order, however often it is
/// interrupted and started again: its position is stored with what it writes.
@NullMarked
package dev.penstock.replay;

import org.jspecify.annotations.NullMarked;
