package dev.penstock.bench;

import java.util.ArrayList;
import java.util.List;

/// The steps of insert → client, one after the other, and what was measured from end to end.
///
/// @param total mean of the whole way, measured by itself, in milliseconds
/// @param rounds how many are in it
record Breakdown(List<Step> steps, double total, int rounds) {
  /// In milliseconds; median and p99 are not a number where only means can be compared.
  record Step(String name, double mean, double median, double p99, String how) {}

  Breakdown {
    steps = List.copyOf(steps);
  }

  /// Both as one: the means of what each round has.
  Breakdown and(Breakdown other) {
    List<Step> both = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      Step one = steps.get(i);
      Step two = other.steps.get(i);
      both.add(
          new Step(
              one.name,
              mean(one.mean, two.mean, other.rounds),
              mean(one.median, two.median, other.rounds),
              mean(one.p99, two.p99, other.rounds),
              one.how));
    }
    return new Breakdown(both, mean(total, other.total, other.rounds), rounds + other.rounds);
  }

  private double mean(double here, double there, int otherRounds) {
    return (here * rounds + there * otherRounds) / (rounds + otherRounds);
  }

  double sum() {
    return steps.stream().mapToDouble(Step::mean).sum();
  }
}
