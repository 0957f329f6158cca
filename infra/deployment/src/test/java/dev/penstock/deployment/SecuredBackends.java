package dev.penstock.deployment;

import dev.penstock.stack.KafkaBroker;
import dev.penstock.stack.PostgresServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/// A Postgres that lets roles in over TLS and with their passwords only, and a Kafka that lets
/// clients in over TLS and with their passwords only, each to what `kafka-acls.yaml` gives it.
final class SecuredBackends implements AutoCloseable {
  private final Certificate certificate;
  private final PostgresServer postgres;
  private final KafkaBroker kafka;
  private final int kafkaPort;

  private SecuredBackends(
      Certificate certificate, PostgresServer postgres, KafkaBroker kafka, int kafkaPort) {
    this.certificate = certificate;
    this.postgres = postgres;
    this.kafka = kafka;
    this.kafkaPort = kafkaPort;
  }

  static SecuredBackends start(Path directory) throws Exception {
    Certificate certificate = Certificate.make(directory);
    Path hosts =
        Files.writeString(
            directory.resolve("pg_hba.conf"),
            """
            host    all postgres 127.0.0.1/32 trust
            hostssl all all      127.0.0.1/32 scram-sha-256
            """);
    PostgresServer postgres =
        PostgresServer.start(
            directory.resolve("postgres"),
            0,
            Map.of(
                "hba_file", hosts.toString(),
                "ssl", "on",
                "ssl_cert_file", certificate.certificate().toString(),
                "ssl_key_file", certificate.key().toString()));
    try {
      int port = freePort();
      KafkaBroker kafka = kafka(directory.resolve("kafka"), certificate, port);
      postgres.createDatabase("penstock");
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
        admin.createAcls(acls()).all().get();
      }
      return new SecuredBackends(certificate, postgres, kafka, port);
    } catch (Exception e) {
      postgres.close();
      throw e;
    }
  }

  private static KafkaBroker kafka(Path directory, Certificate certificate, int secured)
      throws IOException {
    int plain = freePort();
    int controller = freePort();
    String users =
        java.util.Arrays.stream(Service.values())
            .map(service -> "user_" + user(service) + "=\"" + password(service) + "\"")
            .collect(Collectors.joining(" "));
    return KafkaBroker.startInProcess(
        directory,
        plain,
        controller,
        Map.ofEntries(
            Map.entry(
                "listeners",
                "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d,SASL_SSL://127.0.0.1:%d"
                    .formatted(plain, controller, secured)),
            Map.entry(
                "advertised.listeners",
                "PLAINTEXT://127.0.0.1:%d,SASL_SSL://127.0.0.1:%d".formatted(plain, secured)),
            Map.entry(
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL"),
            Map.entry("sasl.enabled.mechanisms", "PLAIN"),
            Map.entry(
                "listener.name.sasl_ssl.plain.sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required " + users + ";"),
            Map.entry("ssl.keystore.type", "PKCS12"),
            Map.entry("ssl.keystore.location", certificate.store().toString()),
            Map.entry("ssl.keystore.password", Certificate.PASSWORD),
            Map.entry("ssl.key.password", Certificate.PASSWORD),
            Map.entry(
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
            // The broker itself, and this test.
            Map.entry("super.users", "User:ANONYMOUS")));
  }

  private static List<AclBinding> acls() {
    List<AclBinding> acls = new ArrayList<>();
    Path file = Service.Repository.ROOT.resolve("infra/kubernetes/kafka-acls.yaml");
    for (Object entry : Manifests.list(Manifests.document(file), "acls")) {
      ResourcePattern resource =
          new ResourcePattern(
              ResourceType.fromString(Manifests.text(entry, "resource")),
              Manifests.text(entry, "name"),
              PatternType.fromString(Manifests.text(entry, "pattern").toUpperCase(Locale.ROOT)));
      for (Object operation : Manifests.list(entry, "operations")) {
        acls.add(
            new AclBinding(
                resource,
                new AccessControlEntry(
                    "User:" + Manifests.text(entry, "user"),
                    "*",
                    AclOperation.fromString(operation.toString()),
                    AclPermissionType.ALLOW)));
      }
    }
    return acls;
  }

  /// For the migrations, as the database's owner.
  String ownerUrl() {
    return postgres.jdbcUrl("penstock");
  }

  /// Without user and password.
  String serviceUrl() {
    return "jdbc:postgresql://localhost:%d/penstock?sslmode=verify-full&sslrootcert=%s"
        .formatted(postgres.port(), certificate.certificate());
  }

  String bootstrapServers() {
    return "127.0.0.1:" + kafkaPort;
  }

  /// What a service needs to be let in.
  Map<String, String> kafkaVariables(Service service) {
    String own = "PENSTOCK_" + service.name() + "_KAFKA_";
    return Map.of(
        own + "SECURITY_PROTOCOL", "SASL_SSL",
        own + "SASL_MECHANISM", "PLAIN",
        own + "SASL_JAAS_CONFIG",
            "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
                .formatted(user(service), password(service)),
        own + "SSL_TRUSTSTORE_TYPE", "PEM",
        own + "SSL_TRUSTSTORE_LOCATION", certificate.certificate().toString());
  }

  private static String user(Service service) {
    return "penstock-" + service.name().toLowerCase(Locale.ROOT);
  }

  static String password(Service service) {
    return "hush-kafka-" + service.name().toLowerCase(Locale.ROOT);
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    try (postgres;
        kafka) {
      // Closed in reverse order.
      return;
    }
  }
}
