/** Draws pictures from ONNX generators. */
@SuppressWarnings({
  "requires-automatic",
  "requires-transitive-automatic"
}) // ONNX Runtime's jar only has a name
module dev.djinn.sampler {
  requires com.microsoft.onnxruntime;
  requires static transitive java.desktop;
  requires static jdk.jfr;
  requires org.slf4j;

  exports dev.djinn.sampler;
}
