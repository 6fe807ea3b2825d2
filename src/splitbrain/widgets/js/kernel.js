// Whether there is still a kernel behind the panel.

const ENDED = new Set(["dead", "terminating", "restarting", "autorestarting"]);

/**
 * Call `gone` once the kernel has ended, however it went: a new one knows nothing of this panel.
 * JupyterLab's widget manager tells of a restart only, so its session is asked too, where there is one. A panel
 * that was saved with its notebook, and is opened again, meets a kernel that is not its own.
 * @param {any} model
 * @param {() => void} gone
 * @returns {() => void} stops watching
 */
export function watchKernel(model, gone) {
  const session = model.widget_manager?.context?.sessionContext;
  const heard = (/** @type {any} */ _, /** @type {string} */ status) => {
    if (ENDED.has(status)) gone();
  };
  const compare = () => {
    const [mine, now] = [model.get("setup").kernel, session?.session?.kernel?.id];
    if (mine && now && mine !== now) gone();
  };
  model.on("comm_live_update", gone);
  session?.kernelChanged?.connect(compare);
  compare();
  session?.statusChanged?.connect(heard);
  return () => {
    model.off("comm_live_update", gone);
    session?.statusChanged?.disconnect(heard);
    session?.kernelChanged?.disconnect(compare);
  };
}
