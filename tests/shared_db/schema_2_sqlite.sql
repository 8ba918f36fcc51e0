CREATE TABLE dishes (
	id INTEGER NOT NULL,
	name TEXT NOT NULL,
	course TEXT NOT NULL CHECK (course IN ('starter', 'main', 'dessert', 'drink')),
	description TEXT NOT NULL,
	price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
	portions INTEGER NOT NULL CHECK (portions >= 0),
	allergens TEXT NOT NULL,
	photo TEXT,
	drawing TEXT NOT NULL,
	version INTEGER NOT NULL,
	searchable TEXT NOT NULL,
	name_key TEXT NOT NULL,
	PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX dishes_by_course_and_name_key ON dishes (course, name_key, id);

CREATE INDEX dishes_by_course_and_price_cents ON dishes (course, price_cents, id);

CREATE INDEX dishes_by_name_key ON dishes (name_key, id);

CREATE INDEX dishes_by_price_cents ON dishes (price_cents, id);

CREATE TABLE fortunes (
	id INTEGER NOT NULL,
	message TEXT NOT NULL,
	PRIMARY KEY (id)
)
 STRICT;

CREATE TABLE larder_schema (
	version INTEGER NOT NULL
)
 STRICT;

CREATE TABLE orders (
	id INTEGER NOT NULL,
	code TEXT NOT NULL,
	guest TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('placed', 'cooking', 'served', 'cancelled')),
	total_cents INTEGER NOT NULL,
	placed_at INTEGER NOT NULL,
	idempotency_key TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (code),
	UNIQUE (idempotency_key)
)
 STRICT;

CREATE INDEX open_orders ON orders (placed_at, id) WHERE status IN ('placed', 'cooking');

CREATE TABLE sessions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	token_hash TEXT NOT NULL,
	data TEXT NOT NULL,
	expires_at INTEGER NOT NULL,
	UNIQUE (token_hash)
)
 STRICT;

CREATE INDEX ix_sessions_expires_at ON sessions (expires_at);

CREATE TABLE staff (
	id INTEGER NOT NULL,
	username TEXT NOT NULL,
	password_hash TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (username)
)
 STRICT;

CREATE TABLE worlds (
	id INTEGER NOT NULL,
	random_number INTEGER NOT NULL,
	PRIMARY KEY (id)
)
 STRICT;

CREATE TABLE api_tokens (
	token_hash TEXT NOT NULL,
	staff_id INTEGER NOT NULL,
	PRIMARY KEY (token_hash),
	FOREIGN KEY(staff_id) REFERENCES staff (id)
)
 STRICT;

CREATE TABLE cart_lines (
	session_id INTEGER NOT NULL,
	dish_id INTEGER NOT NULL,
	quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 20),
	PRIMARY KEY (session_id, dish_id),
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE,
	FOREIGN KEY(dish_id) REFERENCES dishes (id) ON DELETE CASCADE
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE order_lines (
	order_id INTEGER NOT NULL,
	dish_id INTEGER NOT NULL,
	quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 20),
	unit_price_cents INTEGER NOT NULL,
	PRIMARY KEY (order_id, dish_id),
	FOREIGN KEY(order_id) REFERENCES orders (id),
	FOREIGN KEY(dish_id) REFERENCES dishes (id)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE reviews (
	id INTEGER NOT NULL,
	dish_id INTEGER NOT NULL,
	author TEXT NOT NULL,
	rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
	body TEXT NOT NULL,
	written_at INTEGER NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(dish_id) REFERENCES dishes (id)
)
 STRICT;

CREATE INDEX reviews_by_dish ON reviews (dish_id, written_at, id);
