// What every page of the storefront shares: the shelves, who is there, and a way to tell what has happened.

import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Session, Shelves } from "./api";

export interface Shop {
  shelves: Shelves;
  session: Session;
  /** Show another session: the server's answer to what was done. */
  setSession: (session: Session) => void;
  /** Say something in passing, to eyes and screen readers; it stays until the next page. */
  say: (message: string) => void;
}

export const ShopContext = createContext<Shop | null>(null);

export function useShop(): Shop {
  const shop = useContext(ShopContext);
  if (!shop) {
    throw new Error("useShop needs a ShopContext around it.");
  }
  return shop;
}
