import auth from './auth.json';
import card from './card.json';
import common from './common.json';
import composer from './composer.json';
import inbox from './inbox.json';
import search from './search.json';
import shell from './shell.json';
import thread from './thread.json';

export default {
  ...common,
  ...shell,
  ...auth,
  ...inbox,
  ...thread,
  ...composer,
  ...card,
  ...search,
};
