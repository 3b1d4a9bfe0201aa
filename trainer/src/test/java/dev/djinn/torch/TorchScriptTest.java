package dev.djinn.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.djinn.run.TorchEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TorchScriptTest {
  private NDManager manager;

  @BeforeEach
  void open() {
    TorchEngine.get();
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void runsItsMethodsOnArraysAndLists() {
    try (TorchScript script =
        TorchScript.compile(
            manager,
            """
            def twice(self, x: Tensor) -> Tensor:
              return torch.mul(x, 2)
            def weighted(self, x: Tensor, w: List[Tensor]) -> Tensor:
              return torch.add(torch.mul(x, w[0]), w[1])
            """)) {
      NDArray x = manager.create(new float[] {1, 2});
      assertArrayEquals(
          new float[] {2, 4}, script.call("twice", x).singletonOrThrow().toFloatArray());
      NDList w = new NDList(manager.create(10f), manager.create(3f));
      assertArrayEquals(
          new float[] {13, 23}, script.call("weighted", x, w).singletonOrThrow().toFloatArray());
    }
  }

  /** y = w x³: dy/dx = 3 w x², and d/dw of Σ (dy/dx)² = 18 w x⁴. */
  @Test
  void secondDerivativesAreExact() {
    TorchScript script =
        TorchScript.compile(
            manager,
            """
            def penalty(self, x: Tensor, w: List[Tensor]) -> Tensor:
              y = torch.sum(torch.mul(w[0], torch.pow(x, 3)))
              g = torch.autograd.grad([y], [x], None, None, True)
              return torch.sum(torch.pow(unchecked_cast(Tensor, g[0]), 2))
            def gradients(self, loss: Tensor, p: List[Tensor]) -> List[Optional[Tensor]]:
              return torch.autograd.grad([loss], p)
            """);
    NDArray x = manager.create(new float[] {2});
    NDArray w = manager.create(new float[] {0.5f});
    x.setRequiresGradient(true);
    w.setRequiresGradient(true);
    NDList weights = new NDList(w);
    float gradient =
        GradientMode.recorded(
                () -> {
                  NDArray penalty = script.call("penalty", x, weights).singletonOrThrow();
                  assertEquals(9 * 0.25f * 16, penalty.getFloat(), 1e-4f);
                  return script.call("gradients", penalty, weights);
                })
            .singletonOrThrow()
            .getFloat(0);
    assertEquals(18 * 0.5f * 16, gradient, 1e-4f);
  }

  @Test
  void refusedSourceSaysWhy() {
    int before = manager.getManagedArrays().size();
    EngineException e =
        assertThrows(
            EngineException.class,
            () ->
                TorchScript.compile(
                    manager, "def f(self, x: Tensor) -> Tensor:\n  return torch.nothing(x)\n"));
    assertEquals(true, e.getMessage().contains("nothing"), e.getMessage());
    assertEquals(before, manager.getManagedArrays().size());
  }
}
