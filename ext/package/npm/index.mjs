// digitnet for ES modules: index.cjs has it.
import digitnet from './index.cjs';

export const { getLoadablePath, load } = digitnet;
