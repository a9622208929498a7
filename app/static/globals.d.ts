// Third-party scripts that pages load before our modules.
import type SuperclusterClass from "supercluster";

declare global {
  const Supercluster: typeof SuperclusterClass;
}
