// Starts the storefront.
import { render } from "preact";
import { CONVERTED, LANDED, PAID } from "./attribution";
render(<p>{[LANDED, CONVERTED, PAID].length}</p>, document.body);
