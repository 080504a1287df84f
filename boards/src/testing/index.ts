export { type BoardAbilities, type BoardHands, type BoardPlace, boardContract } from './board-contract.ts'
