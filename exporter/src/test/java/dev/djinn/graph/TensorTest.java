package dev.djinn.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {
  /** As ONNX's raw_data holds them: 1.0f is 0x3f800000, −2 is 0xfffffffffffffffe. */
  @Test
  void keepsLittleEndianBytes() {
    assertArrayEquals(
        new byte[] {0, 0, (byte) 0x80, 0x3f}, Tensor.floats(new float[] {1}, 1).bytes());
    assertArrayEquals(new byte[] {-2, -1, -1, -1, -1, -1, -1, -1}, Tensor.vector(-2).bytes());
  }

  @Test
  void givesBackWhatItWasGiven() {
    float[] values = {1.5f, -0f, Float.NaN, Float.NEGATIVE_INFINITY};
    assertArrayEquals(values, Tensor.floats(values, 2, 2).floats());
    long[] whole = {Long.MIN_VALUE, 0, Long.MAX_VALUE};
    assertArrayEquals(whole, Tensor.vector(whole).longs());
  }

  @Test
  void isNotChangedFromOutside() {
    float[] values = {1, 2};
    Tensor tensor = Tensor.floats(values, 2);
    values[0] = 9;
    tensor.floats()[0] = 9;
    tensor.bytes()[0] = 9;
    byte[] raw = tensor.bytes();
    Tensor copy = Tensor.raw(ElementType.FLOAT, raw, 2);
    raw[0] = 9;
    assertArrayEquals(new float[] {1, 2}, tensor.floats());
    assertEquals(tensor, copy);
  }

  @Test
  void isEqualByTypeShapeAndElements() {
    Tensor tensor = Tensor.floats(new float[] {1, 2}, 2);
    assertEquals(tensor, Tensor.floats(new float[] {1, 2}, 2));
    assertEquals(tensor.hashCode(), Tensor.floats(new float[] {1, 2}, 2).hashCode());
    assertNotEquals(tensor, tensor.reshaped(1, 2));
    assertNotEquals(tensor, Tensor.floats(new float[] {1, 3}, 2));
    assertNotEquals(tensor, Tensor.raw(ElementType.INT32, tensor.bytes(), 2));
  }

  @Test
  void aScalarHasNoDimensionsAndOneElement() {
    Tensor scalar = Tensor.scalar(3);
    assertEquals(List.of(), scalar.dims());
    assertEquals(1, scalar.size());
    assertEquals("float ()", scalar.toString());
  }

  @Test
  void refusesToBeReadAsAnotherType() {
    GraphException e = assertThrows(GraphException.class, () -> Tensor.vector(1).floats());
    assertEquals("a tensor of INT64 was read as FLOAT", e.getMessage());
    assertThrows(GraphException.class, () -> Tensor.scalar(1).longs());
  }

  @Test
  void refusesShapesThatItsElementsDoNotFill() {
    GraphException e = assertThrows(GraphException.class, () -> Tensor.floats(new float[3], 2, 2));
    assertTrue(e.getMessage().contains("12 bytes do not fill"), e.getMessage());
    assertThrows(GraphException.class, () -> Tensor.floats(new float[2], -1, 2));
    assertThrows(GraphException.class, () -> Tensor.scalar(1).reshaped(2));
  }

  @ParameterizedTest
  @EnumSource(ElementType.class)
  void typesHaveTheirOnnxCodeAndSize(ElementType type) {
    assertEquals(type, ElementType.ofCode(type.code()));
    assertEquals(
        ai.onnx.proto.OnnxMl.TensorProto.DataType.forNumber(type.code()).name(), type.name());
    assertEquals(3, Tensor.raw(type, new byte[3 * type.bytes()], 3).size());
  }

  @Test
  void refusesTypesThatAreNotKnown() {
    GraphException e = assertThrows(GraphException.class, () -> ElementType.ofCode(8));
    assertEquals("element type 8 is not supported here", e.getMessage());
  }

  @Test
  void aTypeCountsItsDimensionsFromEitherEnd() {
    TensorType type = TensorType.floats(TensorType.BATCH, 3, 4);
    assertEquals(3, type.rank());
    assertEquals(4, type.dim(-1));
    assertEquals(TensorType.BATCH, type.dim(0));
    assertTrue(type.isDynamic());
    assertEquals("float (batch, 3, 4)", type.toString());
    assertThrows(GraphException.class, () -> TensorType.floats(-2, 3));
  }
}
