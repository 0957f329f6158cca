package dev.penstock.contracts;

import java.net.URL;
import java.util.Objects;

/// The documents that describe Penstock to other programs: `asyncapi.yaml` every topic,
/// `openapi.yaml` every endpoint of the gateway's origin, `openapi-operations.yaml` those of other
/// ports, `schemas/` every value.
///
/// A schema may change so that readers with it still read what was written before (BACKWARD):
/// `schemas/released/<name>.v<n>.schema.json` keeps each version that was released, and a test
/// refuses a change that the latest of them does not allow. Then the next version needs an upcast.
public final class Contracts {
  private Contracts() {}

  public static URL asyncApi() {
    return document("asyncapi.yaml");
  }

  public static URL openApi() {
    return document("openapi.yaml");
  }

  /// What is at other ports than the gateway's: management, analytics, shape-servers.
  public static URL operations() {
    return document("openapi-operations.yaml");
  }

  /// The schema of a value.
  ///
  /// @param name without `.schema.json`
  public static URL schema(String name) {
    return document("schemas/" + name + ".schema.json");
  }

  private static URL document(String name) {
    return Objects.requireNonNull(Contracts.class.getResource(name), name);
  }
}
