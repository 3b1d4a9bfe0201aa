package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.djinn.sampler.GeneratorContract;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InferReplyTest {
  private static final Json JSON = new Json(Limits.defaults());
  private static final TensorSpec IMAGE =
      new TensorSpec(GeneratorContract.IMAGE, DataType.FP32, List.of(-1L, 3L, 28L, 28L));
  private static final int ROW = 3 * 28 * 28;

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void isAnErrorWhereverANumberIsNotFinite(float broken) {
    for (int place : new int[] {0, 1, 1023, 1024, 2 * ROW - 1}) {
      InferReply reply = reply(true, place, broken);
      RequestException e =
          assertThrows(RequestException.class, () -> reply.write(JSON, "model", "1"));
      assertEquals("the model made numbers that are not finite", e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {0f, -0f, Float.MIN_VALUE, -Float.MAX_VALUE, Float.MAX_VALUE, 1f})
  void takesEveryNumberThatIsFinite(float number) throws RequestException {
    for (int place : new int[] {0, 1024, 2 * ROW - 1}) {
      Reply written = reply(true, place, number).write(JSON, "model", "1");
      byte[] blob = written.body().get(1);
      int bits = Float.floatToRawIntBits(number);
      for (int i = 0; i < Float.BYTES; i++) {
        assertEquals((byte) (bits >> (8 * i)), blob[Float.BYTES * place + i]);
      }
    }
  }

  @Test
  void itsSizeCountsTextOnlyWhereItIsWritten() {
    assertEquals(0, InferReply.textSize(request(true)));
    assertEquals(2L * ROW * Float.BYTES, InferReply.size(request(true)));
    assertEquals(2L * ROW * InferReply.FLOAT_TEXT, InferReply.textSize(request(false)));
    assertEquals(2L * ROW * (Float.BYTES + InferReply.FLOAT_TEXT), InferReply.size(request(false)));
  }

  /** An answer of two images of one half but for one number. */
  private static InferReply reply(boolean binary, int place, float number) {
    InferReply reply = new InferReply(request(binary));
    FloatBuffer image = reply.rows().image();
    for (int i = 0; i < 2 * ROW; i++) {
      image.put(i, i == place ? number : 0.5f);
    }
    return reply;
  }

  private static InferRequest request(boolean binary) {
    return new InferRequest(
        null,
        2,
        FloatBuffer.allocate(200),
        null,
        SchedulePolicy.USUAL,
        List.of(new InferRequest.Wanted(IMAGE, binary)));
  }
}
