// An audio worklet that hands on what it hears, a tenth of a second at a time.
registerProcessor(
  'recorder',
  class extends AudioWorkletProcessor {
    constructor() {
      super();
      this.piece = new Float32Array(4_800);
      this.at = 0;
      this.over = false;
      this.port.onmessage = () => (this.over = true);
    }

    process([[sound]]) {
      for (const sample of sound ?? new Float32Array(128)) {
        this.piece[this.at] = sample;
        this.at += 1;
        if (this.at === this.piece.length) {
          this.port.postMessage(this.piece.slice());
          this.at = 0;
        }
      }
      return !this.over;
    }
  },
);
