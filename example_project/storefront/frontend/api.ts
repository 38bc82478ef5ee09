// The shop's own endpoints, below store/api/: what they answer, and how they are asked.

import { get, post } from "../../../graphql_api/frontend/server";
import { tellLandings, type Landing as Told } from "./attribution/landing";
import { config } from "./config";

export interface Product {
  slug: string;
  name: string;
  kind: string;
  kindName: string;
  summary: string;
  description: string;
  /** Decimal strings, by currency. */
  prices: Record<string, string>;
}

export interface Landing {
  slug: string;
  eyebrow: string;
  headline: string;
  text: string;
  /** Kinds of products. */
  kinds: string[];
}

export interface Shelves {
  products: Product[];
  landings: Landing[];
}

export interface CartLine {
  slug: string;
  quantity: number;
  price: string;
}

export interface Session {
  user: { name: string; email: string } | null;
  currency: string;
  currencies: string[];
  cart: { count: number; total: string; lines: CartLine[] };
  /** The number of the latest order that is not paid. */
  unpaidOrder: string | null;
}

export interface OrderLine {
  name: string;
  quantity: number;
  price: string;
}

export interface Order {
  number: string;
  status: "pending" | "paid" | "refunded";
  statusName: string;
  createdAt: string;
  email: string;
  currency: string;
  total: string;
  lines: OrderLine[];
  payUrl: string;
}

export type Values = Record<string, string>;

export function getShelves(): Promise<Shelves> {
  return asked("shelves/");
}

export function getSession(): Promise<Session> {
  return asked("session/");
}

export function changeCart(slug: string, action: "add" | "set", quantity: string): Promise<Session> {
  return posted(`cart/${slug}/`, { action, quantity });
}

export function chooseCurrency(currency: string): Promise<Session> {
  return posted("currency/", { currency });
}

/** Place the order of a key, as the customer sees it, or find the one that is there; either way the answer tells where to pay. */
export function placeOrder(
  key: string,
  email: string,
  { cart, currency, user }: Session,
  landings: Told[],
): Promise<{ number: string; payUrl: string }> {
  return posted("orders/", { key, email, total: cart.total, currency, user: user?.name ?? "", landings });
}

export function getOrder(number: string): Promise<Order & { isPaymentConfirmed: boolean }> {
  return asked(`orders/${encodeURIComponent(number)}/`);
}

export function getAccount(): Promise<Session & { orders: Order[] }> {
  return asked("account/");
}

/** Sign up, log in or log out. The server changes the CSRF token then, and tells the new one. */
export async function changeUser(how: "sign-up" | "log-in" | "log-out", values: Values): Promise<Session> {
  await tellLandings(); // the server records the sign-up, which belongs after the landing
  const { csrfToken, ...session } = await posted<Session & { csrfToken: string }>(`${how}/`, values);
  config.csrfToken = csrfToken;
  return session;
}

function asked<Answer>(path: string): Promise<Answer> {
  return get(config.apiUrl + path) as Promise<Answer>;
}

function posted<Answer>(path: string, values: object): Promise<Answer> {
  return post(config, config.apiUrl + path, values) as Promise<Answer>;
}
