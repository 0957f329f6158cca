package dev.penstock.deployment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;

/// YAML files as trees of maps and lists.
final class Manifests {
  private Manifests() {}

  /// The one document of a file.
  static Object document(Path file) {
    return new Yaml().load(Service.Repository.read(file));
  }

  /// Every resource of the kustomize base.
  static List<Object> resources() {
    Path base = Service.Repository.ROOT.resolve("infra/kubernetes");
    Object kustomization = document(base.resolve("kustomization.yaml"));
    List<Object> resources = new ArrayList<>();
    for (Object file : list(kustomization, "resources")) {
      new Yaml()
          .loadAll(Service.Repository.read(base.resolve(file.toString())))
          .forEach(resources::add);
    }
    return resources;
  }

  static List<Object> ofKind(String kind) {
    return resources().stream().filter(r -> text(r, "kind").equals(kind)).toList();
  }

  /// The files of the base, so that none is left out of the kustomization.
  static List<String> files() {
    try (var files = Files.list(Service.Repository.ROOT.resolve("infra/kubernetes"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".yaml"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What is at the path of keys and list indexes, or null.
  static @Nullable Object at(@Nullable Object tree, Object... path) {
    Object here = tree;
    for (Object step : path) {
      if (here instanceof Map<?, ?> map) {
        here = map.get(step);
      } else if (here instanceof List<?> list && step instanceof Integer index) {
        here = index < list.size() ? list.get(index) : null;
      } else {
        return null;
      }
    }
    return here;
  }

  static String text(@Nullable Object tree, Object... path) {
    return Objects.toString(at(tree, path), "");
  }

  static List<Object> list(@Nullable Object tree, Object... path) {
    return at(tree, path) instanceof List<?> list ? List.copyOf(list) : List.of();
  }

  static Map<String, Object> map(@Nullable Object tree, Object... path) {
    Map<String, Object> result = new java.util.LinkedHashMap<>();
    if (at(tree, path) instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> result.put(key.toString(), Objects.requireNonNullElse(value, "")));
    }
    return result;
  }
}
