// Becoming a customer. The server records the conversion: it knows when there is a new one.

import { useLocation } from "preact-iso/router";

import { changeUser, type Values } from "../api";
import { Field, Form } from "../parts/form";
import { Heading } from "../parts/heading";
import { ACCOUNT } from "../routes";
import { useShop } from "../shop";
import { useTask } from "../task";

export function SignUpPage() {
  const { setSession, say } = useShop();
  const { route } = useLocation();
  const signUp = useTask(async (values: Values) => {
    setSession(await changeUser("sign-up", values));
    route(ACCOUNT);
    say("Your account is there.");
  });
  const { error } = signUp;
  return (
    <div class="narrow panel">
      <Heading title="Sign up" />
      <Form task={signUp} fields={["username", "email", "password1", "password2"]} submit="Create account">
        <Field name="username" label="Username" autocomplete="username" error={error} />
        <Field name="email" label="E-mail address" type="email" autocomplete="email" error={error} />
        <Field
          name="password1"
          label="Password"
          type="password"
          autocomplete="new-password"
          help="At least 8 characters, and not a common password."
          error={error}
        />
        <Field name="password2" label="Password again" type="password" autocomplete="new-password" error={error} />
      </Form>
      <p class="help">
        Have one already? <a href={ACCOUNT}>Log in</a>.
      </p>
    </div>
  );
}
