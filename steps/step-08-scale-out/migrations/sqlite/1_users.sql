CREATE TABLE users (
    id         TEXT   NOT NULL PRIMARY KEY, -- a UUID
    email      TEXT   NOT NULL UNIQUE,      -- in lower case
    password   TEXT   NOT NULL,             -- bcrypt's hash
    role       TEXT   NOT NULL DEFAULT 'student',
    created_at BIGINT NOT NULL,             -- seconds since 1970
    updated_at BIGINT NOT NULL
);
