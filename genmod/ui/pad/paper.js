export function paper() {}
