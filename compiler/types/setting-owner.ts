import type { Scope } from "../names/scope.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Node, Setting } from "../syntax/tree.ts";
import type { SettingOwner, SettingSpec } from "./settings-table.ts";
import type { Signature, Type } from "./type.ts";

/** What has the settings, and what they may see. */
export interface Owner {
  readonly kind: SettingOwner;
  /** The word for it in messages, if not the kind's own. */
  readonly text?: string;
  /** Names outside the block. */
  readonly outer: Scope;
  /** Of a `for`: names outside its block, and the item. */
  readonly item?: Scope;
  /** Names inside the block; the same as `outer` for blocks without steps. */
  readonly inner: Scope;
  /** Names of the file and the callable's parameters. */
  readonly params: Scope;
  /** Of the callable that is declared, or called. */
  readonly signature: Signature | null;
  /** The role that is called. */
  readonly role?: GlobalSymbol;
  /** Type of the value `next` gives. */
  readonly value?: Type;
  /** Of a flow: where its head says what it gives. */
  readonly promise?: Node;
  /** Where a missing setting is reported. */
  readonly at: Node;
  /** Whether steps stand in the block; a block that has none holds settings only. */
  readonly hasSteps: boolean;
}

/** One setting as written, the names it may use, and what it belongs to. */
export interface SettingUse {
  readonly spec: SettingSpec;
  readonly entry: Setting;
  readonly owner: Owner;
  readonly scope: Scope;
}
