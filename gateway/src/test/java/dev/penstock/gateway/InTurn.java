package dev.penstock.gateway;

import java.util.List;
import java.util.function.Supplier;

/// Attacks of several groups, one of each group in turn: the first of each group come first, and
/// all of them have come when there were as many as there are.
final class InTurn {
  private InTurn() {}

  /// The n-th, of an order without end.
  static <T> T of(int nth, List<List<Supplier<T>>> groups) {
    int at = nth % groups.stream().mapToInt(List::size).sum();
    for (int round = 0; ; round++) {
      for (List<Supplier<T>> group : groups) {
        if (round < group.size() && at-- == 0) {
          return group.get(round).get();
        }
      }
    }
  }
}
