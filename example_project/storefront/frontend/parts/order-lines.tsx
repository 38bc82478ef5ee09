// What an order consists of.

import type { Order } from "../api";
import { money } from "../words";

export function OrderLines({ order }: { order: Order }) {
  return (
    <div class="scroll">
      <table class="summary">
        <thead>
          <tr>
            <th scope="col">Product</th>
            <th scope="col" class="number">
              Quantity
            </th>
            <th scope="col" class="number">
              Price
            </th>
          </tr>
        </thead>
        <tbody>
          {order.lines.map((line) => (
            <tr key={line.name}>
              <td>{line.name}</td>
              <td class="number">{line.quantity}</td>
              <td class="number">{money(line.price, order.currency)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={2}>
              Total
            </th>
            <td class="number">{money(order.total, order.currency)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
