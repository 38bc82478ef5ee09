"""The GraphQL door of django_attribution: types, queries and mutations over the same functions as the Python door."""
