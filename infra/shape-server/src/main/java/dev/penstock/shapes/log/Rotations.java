package dev.penstock.shapes.log;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Lsn;
import dev.penstock.contracts.log.Relation;
import dev.penstock.shapes.shape.Handle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Where tables were truncated or altered, as far as this instance has read.
final class Rotations {
  private static final Logger log = LoggerFactory.getLogger(Rotations.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_$]*");

  private final Map<Long, Marks> byOid = new ConcurrentHashMap<>();
  private final Map<String, Marks> byName = new ConcurrentHashMap<>();
  private final Marks types = new Marks();

  /// Remembers the entry if it rotates something.
  ///
  /// @return whether it does
  boolean add(LogEntry entry, long lsn, long xid) {
    switch (entry) {
      case LogEntry.Truncate truncate ->
          truncate.relations().forEach(relation -> oid(relation.oid()).add(lsn, xid));
      case LogEntry.Ddl ddl -> ddl(ddl.command(), lsn, xid);
      case LogEntry.Oversize oversize -> oid(oversize.relation().oid()).add(lsn, xid);
      case LogEntry.RowChange _, LogEntry.Message _ -> {
        return false;
      }
    }
    return true;
  }

  /// Whether the handle's stream runs into a rotation of its table.
  boolean rotate(Handle handle, Relation table) {
    Marks marks = byOid.get(table.oid());
    return (marks != null && marks.rotate(handle))
        || isNamed(handle, table)
        || (hasOwnTypes(table) && types.rotate(handle));
  }

  private boolean isNamed(Handle handle, Relation table) {
    // Asked several times a request, and almost no log names a table.
    Marks named = byName.isEmpty() ? null : byName.get(qualified(table));
    return named != null && named.rotate(handle);
  }

  private static boolean hasOwnTypes(Relation table) {
    return table.columns().stream().anyMatch(column -> !column.typeKind().equals("b"));
  }

  private static String qualified(Relation table) {
    return quoted(table.schema()) + "." + quoted(table.table());
  }

  private static String quoted(String name) {
    return PLAIN.matcher(name).matches() ? name : "\"" + name.replace("\"", "\"\"") + "\"";
  }

  private Marks oid(long oid) {
    return byOid.computeIfAbsent(oid, _ -> new Marks());
  }

  private void ddl(String command, long lsn, long xid) {
    JsonNode node;
    try {
      node = JSON.readTree(command);
    } catch (JacksonException e) {
      // Any role may emit such a message; it describes no change, and must not stop the log.
      log.atWarn().addKeyValue("lsn", Lsn.format(lsn)).log("a DDL message is no JSON");
      return;
    }
    switch (node.path("type").asString("")) {
      case "table", "table column" -> oid(node.path("oid").asLong(0)).add(lsn, xid);
      case "publication relation" -> {
        String identity = node.path("identity").asString("");
        int end = identity.lastIndexOf(" in publication ");
        byName
            .computeIfAbsent(end < 0 ? identity : identity.substring(0, end), _ -> new Marks())
            .add(lsn, xid);
      }
      // Renaming an enum's label changes rows without a change of a row. A new type is in no shape
      // yet, and one that goes takes its columns along, which are reported themselves.
      case "type" -> {
        if (!node.path("dropped").asBoolean(false)
            && !node.path("tag").asString("").startsWith("CREATE ")) {
          types.add(lsn, xid);
        }
      }
      default -> {}
    }
  }
}
