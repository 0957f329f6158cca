package dev.penstock.deployment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.Migrate;
import dev.penstock.contracts.Probe;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// The images as Compose starts them, unpacked, with the environment that `compose.yaml` gives
/// them, on this machine's JVM: over TLS and with passwords to Postgres and Kafka.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(1200)
class ImagesTest {
  private static final Duration PATIENCE = Duration.ofMinutes(6);

  private final Compose compose = new Compose();
  private final Map<Service, Image> images = new EnumMap<>(Service.class);
  private final Map<Service, Map<String, String>> before = new EnumMap<>(Service.class);
  private final Map<Service, Integer> ports = new EnumMap<>(Service.class);
  private final Map<Service, Integer> managementPorts = new EnumMap<>(Service.class);
  private final Map<Service, Process> processes = new EnumMap<>(Service.class);
  private final Map<String, String> dotEnv = new HashMap<>();

  @TempDir(cleanup = CleanupMode.ALWAYS)
  @SuppressWarnings("NullAway.Init") // JUnit sets it.
  private static Path directory;

  @SuppressWarnings("NullAway.Init") // Set before every test, unless there are no images.
  private SecuredBackends backends;

  @BeforeAll
  void start() throws Exception {
    for (Service service : Service.values()) {
      assumeThat(service.imageTar()).as("built with -Pimages").exists();
      Path own = Files.createDirectories(directory.resolve(service.title));
      images.put(service, Image.unpack(service.imageTar(), own));
      before.put(service, image(service).files());
      ports.put(service, SecuredBackends.freePort());
      managementPorts.put(service, SecuredBackends.freePort());
    }
    Compose.asked(
            Service.Repository.read(Service.Repository.ROOT.resolve("infra/compose.yaml")), true)
        .forEach(name -> dotEnv.put(name, "hush-" + name + "-0123456789abcdef0123456789abcdef"));
    dotEnv.put("PENSTOCK_SHAPES_URLS", "http://shapes:3000");
    dotEnv.put("PENSTOCK_AUTH_SECRET", Tokens.SECRET);
    backends = SecuredBackends.start(directory);
    migrate();
    for (Service service : Service.values()) {
      processes.put(service, run(service, environment(service)));
    }
  }

  private void migrate() throws Exception {
    Map<String, String> environment = compose.environment("migrations", dotEnv);
    environment.put("PENSTOCK_DATABASE_URL", backends.ownerUrl());
    Path output = directory.resolve("migrations.log");
    Process job =
        image(Service.COMMAND)
            .run(
                List.of("java", "-cp", "@/app/jib-classpath-file", Migrate.class.getName()),
                environment,
                directory.resolve("work"),
                output);
    assertThat(job.waitFor(180, TimeUnit.SECONDS)).isTrue();
    assertThat(job.exitValue()).as(Files.readString(output)).isZero();
    assertThat(Files.readString(output)).doesNotContain("hush-");
  }

  @AfterAll
  void stop() throws Exception {
    processes.values().forEach(Process::destroy);
    for (Process process : processes.values()) {
      if (!process.waitFor(15, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    if (backends != null) {
      backends.close();
    }
  }

  @Test
  void imagesHaveLayersThatChangeApartAndNoRoot() {
    for (Service service : Service.values()) {
      assertThat(image(service).config().get("User").asString()).isEqualTo("10001:10001");
      assertThat(image(service).layers()).isGreaterThanOrEqualTo(3);
      assertThat(image(service).entrypoint()).startsWith("java").endsWith(mainOf(service));
    }
  }

  @Test
  void everyLibraryOfTheImagesIsInTheBillOfMaterials() throws Exception {
    Path bill = Path.of("target/penstock.cdx.json");
    assumeThat(bill).exists();
    Set<String> components =
        JsonMapper.builder()
            .build()
            .readTree(Files.readString(bill))
            .get("components")
            .valueStream()
            .map(part -> part.get("name").asString() + "-" + part.get("version").asString())
            .collect(Collectors.toSet());
    for (Service service : Service.values()) {
      assertThat(image(service).libraries()).as(service.title).isSubsetOf(components);
    }
  }

  @Test
  void everyImageAnswersItsHealthCheckAndTheSecuredWholeAnswersAQuestion() throws Exception {
    for (Service service : Service.values()) {
      await(service.title)
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(300))
          .untilAsserted(() -> assertThat(isReady(service)).as(output(service)).isTrue());
    }
    assertThat(probe(Service.GATEWAY)).isZero();

    String token = Tokens.authToken("alice");
    UUID conversation = UUID.randomUUID();
    UUID answer = UUID.randomUUID();
    post("/conversations", token, "{'id':'%s','title':'In a container'}".formatted(conversation));
    post(
        "/questions/send",
        token,
        "{'conversationId':'%s','questionId':'%s','answerId':'%s','content':'Who is there?'}"
            .formatted(conversation, UUID.randomUUID(), answer));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(status(answer)).as(output(Service.ANSWERS)).isEqualTo("completed"));
    String shape =
        post(
            "/shapes/auth-token",
            token,
            "{'table':'messages','params':{'conversationId':'%s'}}".formatted(conversation));
    assertThat(get("/shape?offset=-1", shape.replaceAll(".*\"token\":\"([^\"]+)\".*", "$1")))
        .contains(answer.toString());

    for (Service service : Service.values()) {
      assertThat(output(service)).as(service.title).doesNotContain("hush-");
      assertThat(image(service).files()).as(service.title).isEqualTo(before.get(service));
      assertThat(Objects.requireNonNull(processes.get(service)).info().commandLine().orElse(""))
          .doesNotContain("hush-");
    }
  }

  @Test
  void anUnknownVariableStopsTheStartOfEveryImage() throws Exception {
    for (Service service : Service.values()) {
      Map<String, String> environment = environment(service);
      String unknown = "PENSTOCK_" + service.name() + "_NONSENSE";
      environment.put(unknown, "hush-nonsense");
      Path output = directory.resolve(service.title + "-unknown.log");
      Process process =
          image(service)
              .run(image(service).entrypoint(), environment, directory.resolve("work"), output);
      assertThat(process.waitFor(180, TimeUnit.SECONDS)).as(service.title).isTrue();
      assertThat(process.exitValue()).as(service.title).isNotZero();
      assertThat(Files.readString(output)).contains(unknown).doesNotContain("hush-");
    }
  }

  private Image image(Service service) {
    return Objects.requireNonNull(images.get(service));
  }

  private static String mainOf(Service service) {
    String keys = service.keys.getName();
    return keys.substring(0, keys.length() - "Properties".length()) + "Application";
  }

  private Process run(Service service, Map<String, String> environment) throws Exception {
    return image(service)
        .run(
            image(service).entrypoint(),
            environment,
            directory.resolve("work"),
            directory.resolve(service.title + ".log"));
  }

  /// As in compose.yaml, but for where the others are.
  private Map<String, String> environment(Service service) {
    Map<String, String> environment = compose.environment(service.title, dotEnv);
    environment.replaceAll((name, value) ->
        value
            .replace("jdbc:postgresql://postgres:5432/penstock", backends.serviceUrl())
            .replace("kafka:9092", backends.bootstrapServers())
            .replace("http://shapes:3000", "http://127.0.0.1:" + ports.get(Service.SHAPES))
            .replace(
                "http://command-service:18081", "http://127.0.0.1:" + ports.get(Service.COMMAND))
            .replace("0.0.0.0", "127.0.0.1"));
    Endpoints endpoints = Endpoints.of(service);
    if (endpoints.serves()) {
      environment.put(endpoints.port(), String.valueOf(ports.get(service)));
    }
    environment.put(endpoints.managementPort(), String.valueOf(managementPorts.get(service)));
    if (environment.containsKey("PENSTOCK_KAFKA_BOOTSTRAP_SERVERS")) {
      environment.putAll(backends.kafkaVariables(service));
    }
    return environment;
  }

  private String output(Service service) throws Exception {
    String output = Files.readString(directory.resolve(service.title + ".log"));
    return output.substring(Math.max(0, output.length() - 20_000));
  }

  private boolean isReady(Service service) {
    return Probe.isHealthy(
        "http://127.0.0.1:" + managementPorts.get(service) + Endpoints.READINESS);
  }

  /// The health check of compose.yaml itself.
  private int probe(Service service) throws Exception {
    List<String> check =
        Manifests.list(compose.service(service.title), "healthcheck", "test").stream()
            .map(Object::toString)
            .map(word ->
                word.replaceFirst(
                    "^http://127.0.0.1:[0-9]+", "http://127.0.0.1:" + managementPorts.get(service)))
            .toList();
    Process process =
        image(service)
            .run(
                check.subList(1, check.size()),
                Map.of(),
                directory.resolve("work"),
                directory.resolve("probe.log"));
    return process.waitFor();
  }

  private String address(Service service) {
    return "http://127.0.0.1:" + ports.get(service);
  }

  private String status(UUID answer) throws Exception {
    try (var connection = DriverManager.getConnection(backends.ownerUrl());
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery("select status from messages where id = '" + answer + "'")) {
      return rows.next() ? rows.getString(1) : "";
    }
  }

  private String post(String path, String token, String body) throws Exception {
    return send(
        request(path, token)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"'), UTF_8)));
  }

  private String get(String path, String token) throws Exception {
    return send(request(path, token));
  }

  private HttpRequest.Builder request(String path, String token) {
    return HttpRequest.newBuilder(URI.create(address(Service.GATEWAY) + path))
        .header("authorization", "Bearer " + token)
        .timeout(Duration.ofSeconds(30));
  }

  private String send(HttpRequest.Builder request) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode())
          .as(response.body() + output(Service.GATEWAY))
          .isBetween(200, 201);
      return response.body();
    }
  }
}
