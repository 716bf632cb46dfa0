export { startAdmin, type Admin, type AdminOptions } from './start.js';
export { eventView, lunView, reservationStateView, sessionView, targetView } from './views.js';
