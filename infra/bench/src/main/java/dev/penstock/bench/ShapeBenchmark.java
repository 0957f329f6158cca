package dev.penstock.bench;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Tuple;
import dev.penstock.shapes.shape.Batch;
import dev.penstock.shapes.shape.ChangeWriter;
import dev.penstock.shapes.shape.ShapeDefinition;
import dev.penstock.shapes.where.Expr;
import dev.penstock.shapes.where.Where;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// What a shape-server does with a change: its filter, and its message.
@State(Scope.Benchmark)
public class ShapeBenchmark {
  private static final String CONVERSATION = "11111111-1111-1111-1111-111111111111";
  private static final int UUID = 2950;
  private static final int TEXT = 25;

  private final Relation table =
      new Relation(
          7,
          1,
          "public",
          "messages",
          "f",
          List.of(
              column("id", UUID, "uuid", 0),
              column("conversation_id", UUID, "uuid", -1),
              column("role", TEXT, "text", -1),
              column("status", TEXT, "text", -1),
              column("content", TEXT, "text", -1)));
  private final Expr where =
      Where.compile(
          "conversation_id = $1 and (role = 'user' or status <> 'pending')",
          Map.of(1, CONVERSATION),
          table,
          null);
  private final Tuple row =
      Tuple.of(
          "22222222-2222-2222-2222-222222222222",
          CONVERSATION,
          "assistant",
          "completed",
          "x".repeat(100));
  private final LogEntry.Insert insert = new LogEntry.Insert(table, row);
  private final ChangeWriter writer =
      new ChangeWriter(
          ShapeDefinition.of(table, where, IntStream.range(0, 5).boxed().toList(), false, false));

  private static Relation.Column column(String name, long oid, String type, int key) {
    return new Relation.Column(name, oid, -1, type, "b", 0, true, key);
  }

  @Benchmark
  public boolean where() {
    return where.holds(row::text);
  }

  @Benchmark
  public Batch message() {
    writer.begin(1, 2);
    var _ = writer.add(insert, 0);
    return writer.end(true);
  }
}
