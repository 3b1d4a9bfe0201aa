package dev.djinn.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {

  /** A file whose arrays have 16 bytes in all: the floats 0, 1, 2, 3. */
  private static byte[] file(String header) {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + json.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json);
    for (int i = 0; i < 4; i++) {
      file.putFloat(i);
    }
    return file.array();
  }

  @Test
  void readsArraysInAnyOrderOfTheHeader() {
    Map<String, SafeTensors.Tensor> read =
        SafeTensors.parse(
            "a.safetensors",
            file(
                "{'__metadata__':{'by':'hand'},"
                    + "'two':{'dtype':'F32','shape':[1,3],'data_offsets':[4,16]},"
                    + "'none':{'dtype':'F32','shape':[0,7],'data_offsets':[4,4]},"
                    + "'one':{'dtype':'F32','shape':[],'data_offsets':[0,4]}}"));
    assertEquals(3, read.size());
    assertEquals(0, read.get("one").values().get(0));
    assertArrayEquals(new float[] {1, 2, 3}, read.get("two").values().array());
    assertEquals(0, read.get("none").values().remaining());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[] | no JSON object",
        "{'w':3} | of w its header",
        "{'w':null} | of w its header",
        "{'w':{'dtype':7,'shape':[4],'data_offsets':[0,16]}} | w is 7",
        "{'w':{'dtype':['F32'],'shape':[4],'data_offsets':[0,16]}} | w is [\"F32\"]",
        "{'w':{'shape':[4],'data_offsets':[0,16]}} | w is null",
        "{'w':{'dtype':'F64','shape':[2],'data_offsets':[0,16]}} | w is \"F64\"",
        "{'w':{'dtype':'F32','shape':4,'data_offsets':[0,16]}} | w has no shape",
        "{'w':{'dtype':'F32','shape':['4'],'data_offsets':[0,16]}} | w has \"4\" in its shape",
        "{'w':{'dtype':'F32','shape':[4.0],'data_offsets':[0,16]}} | w has 4.0 in its shape",
        "{'w':{'dtype':'F32','shape':[[4]],'data_offsets':[0,16]}} | w has [4] in its shape",
        "{'w':{'dtype':'F32','shape':[-2,-2],'data_offsets':[0,16]}} | w has -2 in its shape",
        "{'w':{'dtype':'F32','shape':[4],'data_offsets':[]}} | w has 0 data_offsets",
        "{'w':{'dtype':'F32','shape':[4],'data_offsets':[16]}} | w has 1 data_offsets",
        "{'w':{'dtype':'F32','shape':[4],'data_offsets':{}}} | w has no data_offsets",
        "{'w':{'dtype':'F32','shape':[4],'data_offsets':[-16,0]}} | w has -16 in its data_offsets",
        "{'w':{'dtype':'F32','shape':[4],'data_offsets':[16,0]}} | w has the shape [4]",
        // 2^32 times 2^32 elements wrap round to none.
        "{'w':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}} | w has a shape",
        "{'w':{'dtype':'F32','shape':[5],'data_offsets':[0,20]}} | w does not lie inside it",
        "{'w':{'dtype':'F32','shape':[4],'data_offsets':[900000000000000000,900000000000000016]}}"
            + "| w does not lie inside it",
        "{'v':{'dtype':'F32','shape':[3],'data_offsets':[0,12]},"
            + "'w':{'dtype':'F32','shape':[2],'data_offsets':[8,16]}} | w begins at byte 8, but v",
        "{'v':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
            + "'w':{'dtype':'F32','shape':[1],'data_offsets':[12,16]}} | w begins at byte 12, but v",
        "{'v':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | 12 bytes of it belong to no array",
      })
  void refusesByNameWhatTheHeaderLiesAbout(String header, String said) {
    TrainingException refused =
        assertThrows(
            TrainingException.class, () -> SafeTensors.parse("a.safetensors", file(header)));
    assertTrue(refused.getMessage().contains(said), refused.getMessage());
    assertTrue(refused.getMessage().startsWith("a.safetensors is not"), refused.getMessage());
  }
}
