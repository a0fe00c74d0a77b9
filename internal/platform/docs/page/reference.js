'use strict';

// Swagger UI looks for a word in the names of tags alone; people look for a path, a verb or what it does.
function opsFilter(tags, phrase) {
  const words = phrase.toLowerCase().split(/\s+/);
  const says = (tag, operation) => [tag, operation.get('method'), operation.get('path'),
    ...['operationId', 'summary', 'description'].map((member) => operation.getIn(['operation', member]))].join(' ').toLowerCase();
  const matching = (tag) => (operation) => words.every((word) => says(tag, operation).includes(word));
  return tags
    .map((group, tag) => group.update('operations', (operations) => operations.filter(matching(tag))))
    .filter((group) => group.get('operations').size > 0);
}

const searchBox = (React) => ({ layoutActions, layoutSelectors }) => React.createElement('input', {
  type: 'search',
  className: 'search wrapper',
  placeholder: 'Search operations',
  'aria-label': 'Search operations',
  value: layoutSelectors.currentFilter(),
  onChange: (event) => layoutActions.updateFilter(event.target.value),
});

// withAccess says beside an operation's path who may call it.
const withAccess = (Path, { React, specSelectors }) => (props) => {
  const at = ['paths', props.operationProps.get('path'), props.operationProps.get('method'), 'x-rialto-access'];
  return React.createElement(React.Fragment, null, React.createElement(Path, props),
    React.createElement('span', { className: 'access' }, specSelectors.specJson().getIn(at)));
};

SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  filter: '',
  validatorUrl: null,
  persistAuthorization: false,
  displayRequestDuration: true,
  defaultModelsExpandDepth: -1,
  plugins: [({ React }) => ({
    fn: { opsFilter },
    components: { FilterContainer: searchBox(React) },
    wrapComponents: { OperationSummaryPath: withAccess },
  })],
});
