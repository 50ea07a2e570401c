// LogEvent: from ECS's field table, the layout and the number lock to the .proto, its Avro and JSON Schema forms and the tables of C++ and TypeScript.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cppAllowedValues, readAllowedValues, tsAllowedValues } from '../lib/ecs-allowed.mjs';
import { avroCpp, avroCppHeader, avroFile } from '../lib/ecs-avro.mjs';
import { cppFields, cppFieldsHeader } from '../lib/ecs-cpp.mjs';
import { javaShapesFile, javaTableFile } from '../lib/ecs-java.mjs';
import { jsonSchemaFile } from '../lib/ecs-json-schema.mjs';
import { protoFile } from '../lib/ecs-proto.mjs';
import { assignNumbers, lockFile, readTable } from '../lib/ecs-table.mjs';
import { tsEventFile, tsFieldsFile } from '../lib/ecs-ts.mjs';

export const name = 'log_event';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const read = (path) => readFileSync(join(root, path), 'utf8');

export async function generate() {
  const layout = JSON.parse(read('schema/layout.json'));
  const table = readTable(read('schema/ecs/fields.csv'), layout);
  const { fields, lock } = assignNumbers(table, layout, JSON.parse(read('schema/numbers.json')));
  const allowed = readAllowedValues(read('schema/ecs/allowed_values.csv'));
  return new Map([
    ['schema/numbers.json', lockFile(lock)],
    ['schema/log_event.proto', protoFile(fields, lock, layout)],
    ['schema/log_event.avsc', avroFile(fields, layout)],
    ['schema/log_event.schema.json', jsonSchemaFile(fields, layout)],
    ['modules/frames-java/src/main/java/penstock/frames/FieldShapes.java', javaShapesFile(fields)],
    ['modules/frames-java/src/main/java/penstock/frames/EcsTable.java', javaTableFile(fields)],
    ['schema/generated/ecs-fields.ts', tsFieldsFile(fields)],
    ['schema/generated/ecs-event.ts', tsEventFile(fields)],
    ['native/src/generated/ecs_fields.h', cppFieldsHeader(fields)],
    ['native/src/generated/ecs_fields.cc', cppFields(fields)],
    ['schema/generated/ecs-allowed-values.ts', tsAllowedValues(allowed)],
    ['native/src/generated/ecs_allowed_values.h', cppAllowedValues(allowed)],
    ['native/src/generated/avro_places.h', avroCppHeader(fields)],
    ['native/src/generated/avro_places.cc', avroCpp(fields)],
  ]);
}
