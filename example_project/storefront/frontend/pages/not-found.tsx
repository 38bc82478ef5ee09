// What is shown where there is nothing.

import { Heading } from "../parts/heading";
import { HOME } from "../routes";

export function NotFound() {
  return (
    <>
      <Heading title="There is no such page" />
      <p class="lead">
        It may have moved. <a href={HOME}>All products are here</a>.
      </p>
    </>
  );
}
