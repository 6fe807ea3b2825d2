// Whether there is still a kernel behind the panel.

const ENDED = new Set(["dead", "terminating", "restarting", "autorestarting"]);

/**
 * Call `gone` once the kernel has ended, however it went: a new one knows nothing of this panel.
 * JupyterLab's widget manager tells of a restart only, so its session is asked too, where there is one.
 * @param {any} model
 * @param {() => void} gone
 * @returns {() => void} stops watching
 */
export function watchKernel(model, gone) {
  const session = model.widget_manager?.context?.sessionContext;
  const heard = (/** @type {any} */ _, /** @type {string} */ status) => {
    if (ENDED.has(status)) gone();
  };
  model.on("comm_live_update", gone);
  session?.statusChanged?.connect(heard);
  return () => {
    model.off("comm_live_update", gone);
    session?.statusChanged?.disconnect(heard);
  };
}
