BEGIN TRANSACTION;
CREATE TABLE archive_version (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "archive_version" VALUES(1);
CREATE TABLE assets (
	snapshot_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	asset TEXT NOT NULL, 
	free TEXT, 
	locked TEXT, 
	borrowed TEXT, 
	interest TEXT, 
	net_asset TEXT, 
	margin_balance TEXT, 
	wallet_balance TEXT, 
	PRIMARY KEY (snapshot_id, number), 
	FOREIGN KEY(snapshot_id) REFERENCES snapshots (id)
)
 WITHOUT ROWID

;
INSERT INTO "assets" VALUES(1,0,'BTC','0.01004923','0.00250000',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "assets" VALUES(1,1,'USDT','0.00000000','12.50000000',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "assets" VALUES(2,0,'XRP','1.00000000','0.00000000','0.00000000','0.00000000','1.00000000',NULL,NULL);
INSERT INTO "assets" VALUES(3,0,'USDT',NULL,NULL,NULL,NULL,NULL,'118.99782335','120.23811389');
CREATE TABLE balance_records (
	id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	quote_asset TEXT NOT NULL, 
	content TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "balance_records" VALUES(1,'main','2026-03-10 12:00:00.000000','USDT','[{"activate":true,"balance":"74543.65483065","walletName":"Spot"},{"activate":false,"balance":"0","walletName":"Options"}]');
CREATE TABLE balances (
	record_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	wallet_name TEXT NOT NULL, 
	activate BOOLEAN NOT NULL, 
	balance TEXT NOT NULL, 
	PRIMARY KEY (record_id, number), 
	FOREIGN KEY(record_id) REFERENCES balance_records (id)
)
 WITHOUT ROWID

;
INSERT INTO "balances" VALUES(1,0,'Spot',1,'74543.65483065');
INSERT INTO "balances" VALUES(1,1,'Options',0,'0');
CREATE TABLE corrections (
	id INTEGER NOT NULL, 
	snapshot_id INTEGER NOT NULL, 
	seen_at DATETIME NOT NULL, 
	content TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(snapshot_id) REFERENCES snapshots (id)
);
INSERT INTO "corrections" VALUES(1,1,'2026-03-11 12:00:00.000000','{"type":"spot","data":{"balances":[{"asset":"BTC","free":"0.01004923","locked":"0.00250000"},{"asset":"USDT","free":"0.00000000","locked":"12.50000000"}],"totalAssetOfBtc":"0.01268661"},"updateTime":1773100799000}');
CREATE TABLE positions (
	snapshot_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	symbol TEXT NOT NULL, 
	entry_price TEXT, 
	mark_price TEXT, 
	position_amt TEXT, 
	un_realized_profit TEXT, 
	PRIMARY KEY (snapshot_id, number), 
	FOREIGN KEY(snapshot_id) REFERENCES snapshots (id)
)
 WITHOUT ROWID

;
INSERT INTO "positions" VALUES(3,0,'BTCUSDT','7130.41000000','7257.66239673','0.01000000','1.24029054');
CREATE TABLE snapshots (
	id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	type TEXT NOT NULL, 
	day DATE NOT NULL, 
	update_time_ms BIGINT NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	total_asset_of_btc TEXT, 
	margin_level TEXT, 
	total_liability_of_btc TEXT, 
	total_net_asset_of_btc TEXT, 
	content TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (account, type, day)
);
INSERT INTO "snapshots" VALUES(1,'main','spot','2026-03-09',1773100799000,'2026-03-10 12:00:00.000000','0.01268660',NULL,NULL,NULL,'{"type":"spot","data":{"balances":[{"asset":"BTC","free":"0.01004923","locked":"0.00250000"},{"asset":"USDT","free":"0.00000000","locked":"12.50000000"}],"totalAssetOfBtc":"0.01268660"},"updateTime":1773100799000}');
INSERT INTO "snapshots" VALUES(2,'main','margin','2026-03-09',1773100799000,'2026-03-10 12:00:00.000000','0.00104110','999.00000000','0.00000000','0.00104110','{"type":"margin","data":{"marginLevel":"999.00000000","totalAssetOfBtc":"0.00104110","totalLiabilityOfBtc":"0.00000000","totalNetAssetOfBtc":"0.00104110","userAssets":[{"asset":"XRP","borrowed":"0.00000000","free":"1.00000000","interest":"0.00000000","locked":"0.00000000","netAsset":"1.00000000"}]},"updateTime":1773100799000}');
INSERT INTO "snapshots" VALUES(3,'main','futures','2026-03-09',1773100799000,'2026-03-10 12:00:00.000000',NULL,NULL,NULL,NULL,'{"type":"futures","data":{"assets":[{"asset":"USDT","marginBalance":"118.99782335","walletBalance":"120.23811389"}],"position":[{"entryPrice":"7130.41000000","markPrice":"7257.66239673","positionAmt":"0.01000000","symbol":"BTCUSDT","unRealizedProfit":"1.24029054"}]},"updateTime":1773100799000}');
CREATE INDEX balance_records_by_time ON balance_records (account, recorded_at);
CREATE INDEX ix_corrections_snapshot_id ON corrections (snapshot_id);
COMMIT;
