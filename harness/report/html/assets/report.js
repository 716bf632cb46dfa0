/* global document, addEventListener */
// Zooms and moves the pictures; the page is complete without it.
const STEP = 1.25;
const ZOOM = { min: 0.2, max: 8 };

for (const section of document.querySelectorAll('section')) {
  const picture = section.querySelector('.picture');
  const drawings = [...picture.querySelectorAll('svg')];
  const sizes = drawings.map(({ viewBox }) => viewBox.baseVal);
  let zoom = 1;

  const zoomTo = (wanted, middle = picture.clientWidth / 2) => {
    const next = Math.min(ZOOM.max, Math.max(ZOOM.min, wanted));
    const place = (picture.scrollLeft + middle) / zoom;
    drawings.forEach((drawing, index) => {
      drawing.setAttribute('width', sizes[index].width * next);
      drawing.setAttribute('height', sizes[index].height * next);
    });
    zoom = next;
    picture.scrollLeft = place * zoom - middle;
  };
  const fit = () => zoomTo(picture.clientWidth / (sizes[0].width + sizes[1].width));
  const actions = {
    in: () => zoomTo(zoom * STEP),
    out: () => zoomTo(zoom / STEP),
    one: () => zoomTo(1),
    fit,
  };

  const tools = section.querySelector('.tools');
  tools.hidden = false;
  tools.addEventListener('click', ({ target }) => actions[target.dataset?.zoom]?.());
  picture.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomTo(
        zoom * (event.deltaY < 0 ? STEP : 1 / STEP),
        event.clientX - picture.getBoundingClientRect().left,
      );
    },
    { passive: false },
  );
  picture.addEventListener('keydown', ({ key, ctrlKey }) => {
    const action = { '+': 'in', '=': 'in', '-': 'out', 0: 'one' }[key];
    if (action !== undefined && !ctrlKey) actions[action]();
  });
  picture.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'mouse' || event.button !== 0) return;
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener('pointermove', (event) => {
    if (picture.hasPointerCapture(event.pointerId)) picture.scrollBy(-event.movementX, -event.movementY);
  });
}

// Paper shows what is folded away.
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true;
});
