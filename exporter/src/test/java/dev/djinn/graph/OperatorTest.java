package dev.djinn.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.onnx.OpSchema;
import org.bytedeco.onnx.OpSchemaRegistry;
import org.bytedeco.onnx.StringAttributeMap;
import org.bytedeco.onnx.global.onnx;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of operators against the schemas that ONNX itself carries. */
class OperatorTest {
  /** ONNX's AttributeProto.AttributeType of each kind of attribute. */
  private static final Map<Integer, Attribute> KINDS =
      Map.of(
          1, new Attribute.Real(1),
          2, new Attribute.Int(1),
          3, new Attribute.Text("x"),
          7, new Attribute.Ints(List.of(1L)));

  /** Optional inputs that nothing here gives. */
  private static final Map<Operator, Integer> FEWER =
      Map.of(Operator.MAT_MUL, 2, Operator.GATHER, 2);

  @BeforeAll
  static void load() {
    Loader.load(onnx.class);
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void isOfOpset17AndHasTheInputsOfItsSchema(Operator operator) {
    OpSchema schema = schema(operator);
    assertTrue(schema.since_version() <= OnnxWriter.OPSET, operator.onnxName());
    assertFalse(schema.deprecated(), operator.onnxName() + " is deprecated");
    int least = schema.min_input();
    int most = FEWER.getOrDefault(operator, schema.max_input());
    operator.check("y", least, Attributes.none());
    assertThrows(
        GraphException.class, () -> operator.check("y", least - 1, Attributes.none()), "fewer");
    operator.check("y", most, Attributes.none());
    if (most < Integer.MAX_VALUE) {
      assertThrows(
          GraphException.class, () -> operator.check("y", most + 1, Attributes.none()), "more");
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void takesTheAttributesOfItsSchemaAndNoOthers(Operator operator) {
    Map<String, Integer> known = attributes(schema(operator));
    List<String> names =
        List.of(
            "allowzero",
            "alpha",
            "auto_pad",
            "axis",
            "beta",
            "blocksize",
            "ceil_mode",
            "coordinate_transformation_mode",
            "count_include_pad",
            "dilations",
            "epsilon",
            "gamma",
            "group",
            "kernel_shape",
            "mode",
            "momentum",
            "nearest_mode",
            "output_padding",
            "pads",
            "perm",
            "seed",
            "strides",
            "to",
            "transA",
            "transB");
    for (String name : names) {
      for (Map.Entry<Integer, Attribute> kind : KINDS.entrySet()) {
        Attributes given = Attributes.none().with(name, kind.getValue());
        if (!kind.getKey().equals(known.get(name))) {
          GraphException e =
              assertThrows(
                  GraphException.class, () -> operator.check("y", inputs(operator), given));
          assertTrue(e.getMessage().contains(name), e.getMessage());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void whatItTakesIsInItsSchema(Operator operator) {
    Map<String, Integer> known = attributes(schema(operator));
    for (Map.Entry<String, Integer> attribute : known.entrySet()) {
      boolean taken = takes(operator, attribute.getKey(), KINDS.get(attribute.getValue()));
      // Nothing here leaves padding to a runtime, or asks for less than everything.
      boolean left =
          List.of(
                  "auto_pad",
                  "batch_dims",
                  "cubic_coeff_a",
                  "exclude_outside",
                  "extrapolation_value",
                  "output_shape",
                  "saturate",
                  "stash_type",
                  "storage_order",
                  "training_mode",
                  "antialias",
                  "axes",
                  "keep_aspect_ratio_policy",
                  "consumed_inputs",
                  "is_test",
                  "spatial")
              .contains(attribute.getKey());
      assertEquals(!left, taken, operator + " " + attribute.getKey());
    }
  }

  @Test
  void isFoundByItsOnnxName() {
    for (Operator operator : Operator.values()) {
      assertEquals(operator, Operator.named(operator.onnxName()));
    }
    GraphException e = assertThrows(GraphException.class, () -> Operator.named("Einsum"));
    assertEquals("operator Einsum is not known here", e.getMessage());
  }

  private static boolean takes(Operator operator, String name, Attribute value) {
    try {
      operator.check("y", inputs(operator), Attributes.none().with(name, value));
      return true;
    } catch (GraphException e) {
      return false;
    }
  }

  private static int inputs(Operator operator) {
    return schema(operator).min_input();
  }

  private static OpSchema schema(Operator operator) {
    OpSchema schema = OpSchemaRegistry.Schema(operator.onnxName(), OnnxWriter.OPSET, "");
    assertNotNull(schema, operator.onnxName() + " is not of ONNX's standard domain");
    return schema;
  }

  private static Map<String, Integer> attributes(OpSchema schema) {
    Map<String, Integer> types = new HashMap<>();
    StringAttributeMap map = schema.attributes();
    StringAttributeMap.Iterator end = map.end();
    for (StringAttributeMap.Iterator at = map.begin(); !at.equals(end); at = at.increment()) {
      types.put(at.first().getString(), at.second().type());
    }
    return Collections.unmodifiableMap(types);
  }
}
