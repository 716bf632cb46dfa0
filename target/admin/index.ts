export { startAdmin, type Admin, type AdminOptions } from './server.js';
export { eventView, lunView, reservationStateView, sessionView, targetView } from './views.js';
