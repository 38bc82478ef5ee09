// Logging in, where the account would be.

import { changeUser, type Values } from "../api";
import { Field, Form } from "../parts/form";
import { Heading } from "../parts/heading";
import { SIGN_UP } from "../routes";
import { useShop } from "../shop";
import { useTask } from "../task";

export function LogIn() {
  const { setSession } = useShop();
  const logIn = useTask(async (values: Values) => setSession(await changeUser("log-in", values)));
  return (
    <div class="narrow panel">
      <Heading title="Log in" />
      <Form task={logIn} fields={["username", "password"]} submit="Log in">
        <Field name="username" label="Username" autocomplete="username" error={logIn.error} />
        <Field name="password" label="Password" type="password" autocomplete="current-password" error={logIn.error} />
      </Form>
      <p class="help">
        New here? <a href={SIGN_UP}>Sign up</a>. After <code>load_demo_data</code> there is a customer: user{" "}
        <code>demo</code>, password <code>demo</code>.
      </p>
    </div>
  );
}
