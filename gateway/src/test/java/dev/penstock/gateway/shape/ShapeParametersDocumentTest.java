package dev.penstock.gateway.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.Contracts;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ShapeParametersDocumentTest {
  @Test
  void theParametersThatGoOnAreThoseOfTheDocument() throws Exception {
    Field protocol = ShapeQuery.class.getDeclaredField("PROTOCOL");
    protocol.setAccessible(true);
    List<?> passedOn = (List<?>) protocol.get(null);
    try (InputStream in = Contracts.openApi().openStream()) {
      Map<String, Object> yaml = new Yaml().load(in);
      JsonNode document = JsonMapper.shared().valueToTree(yaml);
      assertThat(
              document
                  .at("/paths/~1shape/parameters")
                  .valueStream()
                  .<Object>map(parameter -> parameter.get("name").asString()))
          .containsExactlyInAnyOrderElementsOf(passedOn);
    }
  }
}
