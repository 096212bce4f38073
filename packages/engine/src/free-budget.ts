/** How much a slice of freeing may do: a unit is a block freed, or something that costs about as much. */
export class FreeBudget {
  units: number;

  constructor(units: number) {
    this.units = units;
  }
}
