package dev.djinn.server;

/** Who decides which models of a repository are loaded. All start with every model loaded. */
public enum ModelControl {
  /** Nobody: what is loaded at the start stays. */
  NONE,
  /** The folder, looked at every few seconds: models and versions come and go with their files. */
  WATCH,
  /** Clients, by {@code POST /v2/repository/models/{m}/load} and {@code unload}. */
  EXPLICIT;

  /** Refuses a client that wants to load or drop a model where clients may not. */
  void checkExplicit() throws RequestException {
    if (this != EXPLICIT) {
      throw new RequestException(
          403, "models are not loaded by request here; start with --model-control explicit");
    }
  }
}
