package dev.penstock.deployment;

import static dev.penstock.deployment.Manifests.at;
import static dev.penstock.deployment.Manifests.list;
import static dev.penstock.deployment.Manifests.map;
import static dev.penstock.deployment.Manifests.ofKind;
import static dev.penstock.deployment.Manifests.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KubernetesTest {
  private static final Pattern METRIC = Pattern.compile("penstock_[a-z_]+");

  private record Workload(String name, Object pod) {
    Object container() {
      return Objects.requireNonNull(at(pod, "containers", 0));
    }
  }

  private static List<Workload> workloads() {
    return Stream.concat(ofKind("Deployment").stream(), ofKind("Job").stream())
        .map(resource ->
            new Workload(
                text(resource, "metadata", "name"),
                Objects.requireNonNull(at(resource, "spec", "template", "spec"))))
        .toList();
  }

  @Test
  void everyServiceHasItsWorkloadAndABudgetAndEveryFileIsUsed() {
    List<String> titles = Arrays.stream(Service.values()).map(service -> service.title).toList();
    assertThat(ofKind("Deployment"))
        .extracting(d -> text(d, "metadata", "name"))
        .containsExactlyInAnyOrderElementsOf(titles);
    assertThat(ofKind("PodDisruptionBudget"))
        .extracting(d -> text(d, "spec", "selector", "matchLabels", "app.kubernetes.io/name"))
        .containsExactlyInAnyOrderElementsOf(titles);
    Object kustomization =
        Manifests.document(Service.Repository.ROOT.resolve("infra/kubernetes/kustomization.yaml"));
    List<String> used = new ArrayList<>(List.of("kustomization.yaml", "kafka-acls.yaml"));
    list(kustomization, "resources").forEach(file -> used.add(file.toString()));
    assertThat(Manifests.files()).containsExactlyInAnyOrderElementsOf(used);
    assertThat(list(kustomization, "images"))
        .extracting(image -> text(image, "name"))
        .containsExactlyInAnyOrderElementsOf(titles.stream().map(t -> "penstock/" + t).toList());
  }

  @Test
  void everyContainerIsWithoutRootAndCannotWriteItsImage() {
    for (Workload workload : workloads()) {
      assertThat(map(workload.pod, "securityContext"))
          .as(workload.name)
          .containsEntry("runAsNonRoot", true)
          .containsEntry("runAsUser", 10001);
      assertThat(map(workload.container(), "securityContext"))
          .as(workload.name)
          .containsEntry("readOnlyRootFilesystem", true)
          .containsEntry("allowPrivilegeEscalation", false)
          .containsEntry("capabilities", Map.of("drop", List.of("ALL")));
      assertThat(text(workload.container(), "resources", "limits", "memory"))
          .as(workload.name)
          .isNotEmpty();
      assertThat(list(workload.container(), "volumeMounts"))
          .as(workload.name)
          .contains(Map.of("name", "tmp", "mountPath", "/tmp"));
      // Or PENSTOCK_GATEWAY_PORT would be tcp://… in a cluster that has a service of that name.
      assertThat(at(workload.pod, "enableServiceLinks")).as(workload.name).isEqualTo(false);
    }
  }

  @Test
  void everyVariableIsASettingAndNoSecretStandsInTheManifests() {
    List<String> shared =
        list(
                Manifests.document(
                    Service.Repository.ROOT.resolve("infra/kubernetes/kustomization.yaml")),
                "configMapGenerator",
                0,
                "literals")
            .stream()
            .map(literal -> literal.toString().replaceFirst("=.*", ""))
            .toList();
    for (Workload workload : workloads()) {
      for (Object variable : list(workload.container(), "env")) {
        String name = text(variable, "name");
        if (!workload.name.equals("migrations")) {
          assertThat(Service.titled(workload.name).takes(name))
              .as(workload.name + " " + name)
              .isTrue();
        }
        if (name.matches(".*(PASSWORD|SECRET|KEY|KEYS)")) {
          assertThat(text(variable, "valueFrom", "secretKeyRef", "name")).as(name).isNotEmpty();
          assertThat(at(variable, "value")).as(name).isNull();
        }
      }
    }
    assertThat(shared)
        .allMatch(dev.penstock.contracts.Variables.SHARED::contains)
        .noneMatch(name -> name.matches(".*(PASSWORD|SECRET|KEY)"));
    assertThat(ofKind("Secret")).isEmpty();
  }

  @Test
  void portsAndProbesAreThoseOfTheServices() {
    Map<String, List<String>> ports = new HashMap<>();
    for (Workload workload : workloads()) {
      if (workload.name.equals("migrations")) {
        continue;
      }
      Service service = Service.titled(workload.name);
      Endpoints endpoints = Endpoints.of(service);
      Map<String, String> byName = new HashMap<>();
      list(workload.container(), "ports")
          .forEach(port -> byName.put(text(port, "name"), text(port, "containerPort")));
      ports.put(workload.name, List.copyOf(byName.values()));
      List<Object> variables = list(workload.container(), "env");
      assertThat(variables)
          .as(workload.name)
          .contains(
              variable(endpoints.managementPort(), byName.get("management")),
              variable(endpoints.managementAddress(), "0.0.0.0"));
      if (endpoints.serves()) {
        assertThat(variables)
            .as(workload.name)
            .contains(
                variable(endpoints.port(), byName.get("http")),
                variable(endpoints.address(), "0.0.0.0"));
      }
      assertThat(map(workload.container(), "readinessProbe", "httpGet"))
          .as(workload.name)
          .containsEntry("path", Endpoints.READINESS)
          .containsEntry("port", "management");
      // That what serves listens; health has a server of its own.
      for (String probe : List.of("livenessProbe", "startupProbe")) {
        String asked =
            text(workload.container(), probe, "httpGet", "port")
                + text(workload.container(), probe, "tcpSocket", "port");
        assertThat(asked)
            .as(workload.name + " " + probe)
            .isEqualTo(endpoints.serves() ? "http" : "management");
      }
    }
    assertThat(ofKind("Service"))
        .allSatisfy(service ->
            assertThat(text(service, "spec", "ports", 0, "port"))
                .isIn(ports.get(text(service, "spec", "selector", "app.kubernetes.io/name"))));
    for (Object policy : ofKind("NetworkPolicy")) {
      for (Object rule : list(policy, "spec", "ingress")) {
        assertThat(ports.values().stream().flatMap(List::stream))
            .as(text(policy, "metadata", "name"))
            .contains(text(rule, "ports", 0, "port"));
      }
    }
    assertThat(ofKind("NetworkPolicy"))
        .anySatisfy(policy -> {
          assertThat(list(policy, "spec", "policyTypes")).contains("Ingress", "Egress");
          assertThat(at(policy, "spec", "ingress")).isNull();
          assertThat(text(policy, "spec", "podSelector", "matchLabels"))
              .contains("part-of=penstock");
        });
  }

  private static Map<String, Object> variable(String name, @Nullable String value) {
    return Map.of("name", name, "value", Objects.requireNonNull(value, name));
  }

  /// A stop takes up to 10 s. The drain with which it begins is what a `preStop` that sleeps would
  /// be, and it also ends the connections that are there.
  @Test
  void aPodHasTheTimeThatItsStopTakesAndDrainsByItself() {
    for (Object deployment : ofKind("Deployment")) {
      Object pod = Objects.requireNonNull(at(deployment, "spec", "template", "spec"));
      String name = text(deployment, "metadata", "name");
      assertThat(Integer.parseInt(text(pod, "terminationGracePeriodSeconds")))
          .as(name)
          .isGreaterThanOrEqualTo(2 * 10);
      assertThat(at(pod, "containers", 0, "lifecycle")).as(name).isNull();
      Service service = Service.titled(name);
      assertThat(ConfigurationReference.keys(service).containsKey("drain"))
          .as(name)
          .isEqualTo(Endpoints.of(service).serves());
    }
  }

  @Test
  void whatIsScaledIsAWorkloadAndItsMetricIsOneOfTheServices() throws Exception {
    List<String> titles = Arrays.stream(Service.values()).map(service -> service.title).toList();
    for (Object scaler : ofKind("ScaledObject")) {
      String target = text(scaler, "spec", "scaleTargetRef", "name");
      assertThat(titles).contains(target);
      for (Object trigger : list(scaler, "spec", "triggers")) {
        Matcher metric = METRIC.matcher(text(trigger, "metadata", "query"));
        assertThat(metric.find()).isTrue();
        assertThat(
                Sources.of(Service.titled(target))
                    .contains("\"" + metric.group().replace('_', '.') + "\""))
            .as(metric.group())
            .isTrue();
      }
    }
  }
}
