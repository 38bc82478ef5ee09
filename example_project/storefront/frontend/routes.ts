// The addresses within the storefront, as links name them.

export const HOME = "/store/";
export const CART = "/store/cart/";
export const SIGN_UP = "/store/sign-up/";
export const ACCOUNT = "/store/account/";

export function productAt(slug: string): string {
  return `/store/products/${slug}/`;
}

export function landingAt(slug: string): string {
  return `/store/landing/${slug}/`;
}

export function orderAt(number: string): string {
  return `/store/orders/${number}/`;
}
