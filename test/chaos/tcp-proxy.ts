import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** The next answer from the server is lost, and the connection with it. */
  losesAnswer: boolean;
  /** Nothing gets through any more, and nobody is told. */
  deaf: boolean;
  readonly toNear: Late[];
  readonly toFar: Late[];
}

/** What is under way, in order. */
interface Late {
  readonly chunk: Buffer;
  readonly dueMs: number;
}

const commit = Buffer.from("; COMMIT");

/** The way between workers and PostgreSQL, which can be harmed. */
export class TcpProxy {
  port = 0;
  private readonly target: number;
  private readonly pairs = new Set<Pair>();
  private readonly server = createServer((near) => this.accept(near));
  private delayMs = 0;
  private commitsToLose = 0;
  /** Commits whose answer was lost. */
  lost = 0;

  constructor(target: number) {
    this.target = target;
  }

  async open(): Promise<void> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    const address = this.server.address();
    if (address === null || typeof address === "string") throw new Error("the system gave no port");
    this.port = address.port;
  }

  close(): void {
    this.server.close();
    this.cut();
  }

  /** Ends every connection in the middle of whatever it carries. */
  cut(): void {
    for (const pair of this.pairs) drop(pair);
  }

  /** What is sent takes longer, both ways. */
  slowDown(delayMs: number): void {
    this.delayMs = delayMs;
  }

  /** The next commits reach the server, and their answers do not come back. */
  loseCommits(count: number): void {
    this.commitsToLose = count;
  }

  /** Connections that are open now carry nothing any more; new ones do. Gives the way to end them. */
  deafen(): () => void {
    const deafened = [...this.pairs];
    for (const pair of deafened) pair.deaf = true;
    return () => {
      for (const pair of deafened) drop(pair);
    };
  }

  private accept(near: Socket): void {
    const far = connect(this.target, "127.0.0.1");
    const pair: Pair = { near, far, losesAnswer: false, deaf: false, toNear: [], toFar: [] };
    this.pairs.add(pair);
    near.setNoDelay(true);
    far.setNoDelay(true);
    const end = (): void => {
      this.pairs.delete(pair);
      if (!pair.deaf) drop(pair);
    };
    for (const socket of [near, far]) {
      socket.on("error", end);
      socket.on("close", end);
    }
    near.on("data", (chunk: Buffer) => {
      if (this.commitsToLose > 0 && !pair.deaf && chunk.includes(commit)) {
        this.commitsToLose -= 1;
        this.lost += 1;
        pair.losesAnswer = true;
      }
      this.pass(pair, "far", chunk);
    });
    far.on("data", (chunk: Buffer) => {
      if (pair.losesAnswer) drop(pair);
      else this.pass(pair, "near", chunk);
    });
  }

  private pass(pair: Pair, to: "near" | "far", chunk: Buffer): void {
    if (pair.deaf) return;
    const late = to === "near" ? pair.toNear : pair.toFar;
    if (this.delayMs === 0 && late.length === 0) pair[to].write(chunk);
    else {
      late.push({ chunk, dueMs: performance.now() + this.delayMs });
      if (late.length === 1) this.deliver(pair[to], late);
    }
  }

  private deliver(socket: Socket, late: Late[]): void {
    const [first] = late;
    if (first === undefined || socket.destroyed) return;
    const waitMs = Math.max(0, first.dueMs - performance.now());
    setTimeout(() => {
      late.shift();
      if (!socket.destroyed) socket.write(first.chunk);
      this.deliver(socket, late);
    }, waitMs);
  }
}

function drop({ near, far }: Pair): void {
  near.destroy();
  far.destroy();
}
