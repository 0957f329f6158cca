package dev.penstock.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TopicsTest {
  private static final Topics TOPICS = new Topics("penstock");

  @Test
  void aTablesTopicHasItsName() {
    assertThat(TOPICS.table("public", "messages")).isEqualTo("penstock.public.messages");
    assertThat(TOPICS.table("a-b", "c_1.D")).isEqualTo("penstock.a-b.c_1.D");
  }

  @Test
  void whatKafkaAllowsInNoNameBecomesAnUnderscore() {
    assertThat(TOPICS.table("public", "order items/ä$"))
        .isEqualTo("penstock.public.order_items___")
        .matches("[a-zA-Z0-9._-]{1,249}");
  }
}
