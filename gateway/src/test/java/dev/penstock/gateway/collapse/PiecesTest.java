package dev.penstock.gateway.collapse;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;

class PiecesTest {
  private static final int READERS = 1_000;

  private final CollapseMetrics metrics = new CollapseMetrics(new SimpleMeterRegistry());
  private final Pieces pieces = new Pieces(metrics);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void allReadersGetTheSameMemoryAndTheLastOneFreesIt(boolean passing) {
    // Given
    ByteBuf network = ByteBufAllocator.DEFAULT.directBuffer().writeBytes("abc".getBytes(US_ASCII));
    DataBuffer received = new NettyDataBufferFactory(ByteBufAllocator.DEFAULT).wrap(network);

    // When
    pieces.add(received, passing, READERS);
    List<ByteBuf> taken = IntStream.range(0, READERS).mapToObj(_ -> pieces.take(0)).toList();
    pieces.dropTaken();

    // Then
    assertThat(metrics.kept()).isZero();
    taken.getFirst().setByte(1, 'x');
    assertThat(taken).allSatisfy(piece -> assertThat(piece.toString(US_ASCII)).isEqualTo("axc"));
    ByteBuf memory = taken.getFirst().unwrap();
    assertThat(memory.refCnt()).isEqualTo(READERS);
    taken.forEach(ByteBuf::release);
    assertThat(memory.refCnt()).isZero();
    assertThat(network.refCnt()).isZero();
  }
}
